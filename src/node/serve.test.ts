import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { openSample, sampleFiles, userId } from "../../test/edge/sample-artifact.ts";
import { UserError } from "../base/errors.ts";
import { openScorer } from "../recommender/scorer.ts";
import { createApp } from "../serve/app.ts";
import { edgeModule } from "./edge-modules.ts";
import { startServer } from "./serve.ts";
import { openKernels } from "./threads.ts";

const echo = { fetch: async (request: Request) => new Response(await request.text()) };
const local = { host: "127.0.0.1", port: 0 };

test("answers over loopback as without a socket", async () => {
  const kernels = await openKernels(1);
  const artifact = await openSample(sampleFiles(kernels, "user", "int4-row"));
  const app = createApp({ artifact, scorer: openScorer(kernels, artifact.recommender) });
  const { url, close } = await startServer({ app, ...local });
  let sent = 0;
  try {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: userId(4) }),
    };
    const response = await fetch(`${url}/v1/recommend`, init);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(await (await app.request("/v1/recommend", init)).json());
    const large = await fetch(`${url}/v1/recommend`, { ...init, body: JSON.stringify({ user: "x".repeat(2e6) }) });
    expect(large.status).toBe(413);
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        if (sent > 4_000_000) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const streamed = await fetch(`${url}/v1/recommend`, { ...init, body: endless, duplex: "half" } as RequestInit);
    expect(streamed.status).toBe(413);
  } finally {
    await close();
    await kernels.close();
  }
});

test("a port in use, a port that is none and a foreign address are sentences", async () => {
  const { url, close } = await startServer({ app: echo, ...local });
  const port = Number(new URL(url).port);
  const again = startServer({ app: echo, host: "127.0.0.1", port });
  await expect(again).rejects.toThrow(UserError);
  await expect(again).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
  await close();
  await (await startServer({ app: echo, host: "127.0.0.1", port })).close();
  await expect(startServer({ app: echo, ...local, port: 70_000 })).rejects.toThrow("from 0 to 65535, got 70000");
  await expect(startServer({ app: echo, host: "192.0.2.1", port: 0 })).rejects.toThrow("no address of this machine");
});

test("a stop finishes the request under way and takes no new one", async () => {
  const { url, close, closed } = await startServer({ app: echo, ...local });
  const port = Number(new URL(url).port);
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  const ended = once(socket, "close");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf,");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stopping = close();
  await expect(fetch(url)).rejects.toThrow();
  socket.write("whole");
  await Promise.all([stopping, closed, ended]);
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(text).toContain("half,whole");
});

test.each(["SIGTERM", "SIGINT"] as const)("%s stops the process, with exit code 0", async (signal) => {
  const script = `
    import { startServer } from ${JSON.stringify(new URL("./serve.ts", import.meta.url).href)};
    const { url } = await startServer({ app: { fetch: () => new Response("yes") }, host: "127.0.0.1", port: 0 });
    process.stdout.write(url);
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [url] = (await once(child.stdout, "data")) as [Buffer];
  expect(await (await fetch(String(url))).text()).toBe("yes");
  child.kill(signal);
  expect(await exited).toEqual([0, null]);
});

test("modules outside the page runtime are not given", async () => {
  for (const path of [
    "node/serve.js",
    "../package.json",
    "edge/../node/serve.js",
    "models/ease.js",
    "base/none.js",
    "",
  ]) {
    expect(await edgeModule(path), path).toBeUndefined();
  }
  expect(new TextDecoder().decode(await edgeModule("index.js"))).toContain("./edge/index.js");
});
