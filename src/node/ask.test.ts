import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { askJson } from "./ask.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/rank`;
};
const ask = (url: string, more: object = {}) =>
  askJson(url, { user: "u" }, { timeout: 2, retries: 0, signal: new AbortController().signal, ...more });
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error = (await promise.then(
    () => undefined,
    (caught) => caught,
  )) as Error;
  expect(error.name).toBe("UserError");
  return error.message.replace(/127\.0\.0\.1:\d+/, "host");
};

test("sends JSON, returns JSON, and asks again where a failure may pass", async () => {
  const bodies: string[] = [];
  const url = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(`${request.method} ${request.headers["content-type"]} ${body}`);
    if (bodies.length === 1) response.writeHead(503).end("busy");
    else if (bodies.length === 2) response.destroy();
    else response.end('{"items":["ü"]}');
  });
  expect(await ask(url, { retries: 2 })).toEqual({ items: ["ü"] });
  expect(bodies).toEqual(Array(3).fill('POST application/json {"user":"u"}'));
});

test("a failure that lasts, or that asking again does not help, is one sentence", async () => {
  let asked = 0;
  const status = (code: number, headers = {}) =>
    serve((_request, response) => {
      asked++;
      response.writeHead(code, headers).end("<html>");
    });
  expect(await refusal(ask(await status(500), { retries: 1 }))).toBe(
    "http://host/rank: answered 500 after 2 attempts; see to the service and run the same command again to go on.",
  );
  asked = 0;
  expect(await refusal(ask(await status(404), { retries: 5 }))).toBe(
    "http://host/rank: answered 404; correct the address or the service.",
  );
  expect(await refusal(ask(await status(302, { location: "http://127.0.0.1:1/" }), { retries: 5 }))).toContain(
    "answered 302",
  );
  expect(await refusal(ask(await status(200), { retries: 5 }))).toBe(
    'http://host/rank: its answer is not JSON (it starts "<html>"); correct the address or the service.',
  );
  expect(asked).toBe(3);
});

test("silence, a closed port, an endless answer and a stop end the question", async () => {
  const silent = await serve(() => {});
  expect(await refusal(ask(silent, { timeout: 0.1 }))).toMatch(/gave no answer within .*; see to the service/);
  expect(await refusal(ask("http://127.0.0.1:1/"))).toMatch(/^http:\/\/host\/: cannot be reached \(.+\); see to/);
  const endless = await serve((_request, response) => {
    const more = () => {
      while (response.write("x".repeat(2 ** 20)));
    };
    response.on("drain", more);
    more();
  });
  expect(await refusal(ask(endless, { timeout: 20 }))).toContain("its answer is larger than 16777216 bytes");
  const stop = new AbortController();
  const stopped = ask(silent, { timeout: 60, retries: 5, signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(stopped).rejects.toThrow(/abort/i);
});
