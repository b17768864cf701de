// A handler on a socket: listens, says where, and stops without dropping a request that is being answered.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { UserError } from "../base/errors.ts";

/** How long a stop waits for answers under way before it cuts them. */
const PATIENCE_MS = 10_000;
const signals = ["SIGTERM", "SIGINT"] as const;

export interface Listening {
  readonly url: string;
  /** Takes no new requests, finishes those under way, then resolves; SIGTERM and SIGINT do the same. */
  close(): Promise<void>;
  /** Resolves when it has stopped, whoever asked. */
  readonly closed: Promise<void>;
}

/** Serves `app` on `host`:`port` (0: any free port); a port that cannot be had is a UserError. */
export async function startServer(options: {
  readonly app: { fetch(request: Request): Response | Promise<Response> };
  readonly port: number;
  readonly host: string;
}): Promise<Listening> {
  const { app, port, host } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UserError(`port must be a whole number from 0 to 65535, got ${port}.`);
  }
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, host, port)));
    server.listen(port, host, resolve);
  });
  server.removeAllListeners("error");

  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  let stopping = false;
  const close = () => {
    if (stopping) return closed;
    stopping = true;
    for (const signal of signals) process.off(signal, close);
    server.close();
    // A connection that was answering when the stop came turns idle only later.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    const cut = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
    return closed.finally(() => {
      clearInterval(sweep);
      clearTimeout(cut);
    });
  };
  for (const signal of signals) process.on(signal, close);
  const at = server.address() as AddressInfo;
  const name = at.family === "IPv6" ? `[${at.address}]` : at.address;
  return { url: `http://${name}:${at.port}`, close, closed };
}

function refusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new UserError(`port ${port} of ${host} is in use by another program; give another with --port.`);
    case "EACCES":
      return new UserError(`port ${port} needs more rights than this program has; give one above 1023 with --port.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new UserError(`"${host}" is no address of this machine; give 127.0.0.1 or 0.0.0.0 with --host.`);
    default:
      return error;
  }
}
