/** This project's nodes as Broadcasters: default options, QUIC, one topic. */
import { Mesh } from "../../src/node/mesh.ts";
import type { Broadcaster } from "../thirdparty/gossipsub.ts";

/** `count` nodes in this process. Own events are not counted as delivered. */
export async function meshSwarm(
  count: number,
  delivered: (node: number, body: Uint8Array) => void,
): Promise<Broadcaster[]> {
  const meshes: Mesh[] = [];
  for (let number = 0; number < count; number++) {
    const seeds = meshes[0]?.addresses.slice(0, 1) ?? [];
    const mesh = await Mesh.join({ mesh: "bench", transport: "quic", seeds });
    meshes.push(mesh);
    listen(mesh, (body) => delivered(number, body)).catch((error: unknown) => {
      throw error;
    });
  }
  while (meshes.some((mesh) => mesh.status().reachable < count)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  return meshes.map((mesh) => ({
    publish: async (bodies) => {
      const topic = mesh.topic<Uint8Array>(TOPIC);
      await Promise.all(bodies.map((body) => topic.publish(body)));
    },
    close: () => mesh.close(),
  }));
}

async function listen(mesh: Mesh, take: (body: Uint8Array) => void): Promise<void> {
  const own = mesh.status().nodeId;
  const events = mesh.topic<Uint8Array>(TOPIC).subscribe({ bound: EVENTS_MAX });
  for await (const { body, author } of events) {
    if (author !== own) take(body);
  }
}

const TOPIC = "bench";
const EVENTS_MAX = 100_000;
