/**
 * A user-space network between processes: every TCP connection runs through the test, which can
 * stop carrying bytes one way or both without closing anything, as a cut cable does. What waits is
 * carried on when the cut heals, as TCP itself would.
 */
import { once } from "node:events";
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server,
  type Socket,
} from "node:net";

interface Pipe {
  readonly from: number;
  readonly to: number;
  readonly source: Socket;
  readonly sink: Socket;
}

export class TcpRelay implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #pipes = new Set<Pipe>();
  #passes: (from: number, to: number) => boolean = () => true;

  /** A port where node `from` finds the port of node `to`. */
  async port(from: number, to: number, target: number): Promise<number> {
    const server = createServer((dialled) => {
      const onward = createConnection({ host: "127.0.0.1", port: target });
      this.#carry({ from, to, source: dialled, sink: onward });
      this.#carry({ from: to, to: from, source: onward, sink: dialled });
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  /** Carries bytes only where `passes` says so, from now on. */
  cut(passes: (from: number, to: number) => boolean): void {
    this.#passes = passes;
    for (const pipe of this.#pipes) this.#set(pipe);
  }

  heal(): void {
    this.cut(() => true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { source, sink } of this.#pipes) {
      source.destroy();
      sink.destroy();
    }
    const closed = this.#servers.map((server) => once(server, "close"));
    for (const server of this.#servers) server.close();
    await Promise.all(closed);
  }

  #carry(pipe: Pipe): void {
    const { source, sink } = pipe;
    this.#pipes.add(pipe);
    source.on("data", (bytes) => {
      if (!sink.write(bytes)) source.pause();
    });
    sink.on("drain", () => this.#set(pipe));
    const end = (): void => {
      this.#pipes.delete(pipe);
      // The end of a connection does not cross a cut either.
      if (this.#passes(pipe.from, pipe.to)) sink.destroy();
    };
    source.on("close", end);
    source.on("error", end);
    this.#set(pipe);
  }

  #set({ from, to, source }: Pipe): void {
    if (this.#passes(from, to)) source.resume();
    else source.pause();
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
