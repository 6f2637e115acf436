/** The judges that sit in every run, beside those of src/sim/engine. */
import type { World } from "../engine/world.ts";
import { IgnoredWrites } from "./ignored-writes.ts";
import type { Judge } from "./judge.ts";
import { Offsetting } from "./offsetting.ts";
import { Penalties } from "./penalties.ts";
import { Resurrection } from "./resurrection.ts";
import { Returning } from "./returning.ts";
import { Verdicts } from "./verdicts.ts";

export function judgesOf(world: World): readonly Judge[] {
  return [
    new Resurrection(world),
    new Verdicts(world),
    new Penalties(world, world.kernels.blake3, (check) => world.holds(check)),
    new Offsetting(world),
    new IgnoredWrites(world),
    new Returning(world),
  ];
}
