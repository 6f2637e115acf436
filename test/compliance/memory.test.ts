import { nodeIdFromSeed } from "../../src/node/node-id.ts";
import { createMemoryTransport, MemoryNetwork } from "../../src/node/transport/memory.ts";
import { parseMemoryAddress } from "../../src/node/transport/memory-address.ts";
import { createMemoryChannelPair } from "../../src/node/transport/memory-channel.ts";
import { describeTransport } from "./transport.ts";

const network = new MemoryNetwork();
let names = 0;

describeTransport({
  name: "memory",
  suite: /^memory\/none$/,
  create: (options) => createMemoryTransport(options, network),
  freeAddress: () => {
    names += 1;
    return `/memory/node-${names}`;
  },
  deadAddress: () => Promise.resolve("/memory/nobody"),
  sendRaw: async (address, bytes) => {
    const [near, far] = createMemoryChannelPair();
    const gone = Promise.withResolvers<void>();
    near.attach({
      data: () => undefined,
      writable: () => undefined,
      ended: () => near.destroy(),
      closed: gone.resolve,
    });
    const endpoint = network.find(parseMemoryAddress(address)?.name ?? "");
    endpoint?.accept(far, nodeIdFromSeed(new Uint8Array(32)), "/memory/raw");
    near.write(bytes);
    return {
      gone: gone.promise,
      finish: () => near.finishWrite().catch(() => undefined),
      close: async () => near.destroy(),
    };
  },
});
