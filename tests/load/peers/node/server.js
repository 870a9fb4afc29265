// Socket.IO on Node with the Redis adapter: `node server.js PORT STORE_SOCKET`. A client names a task
// and joins its room; what the emitter publishes for the room reaches it through the adapter.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, path] = process.argv.slice(2);
const publisher = createClient({ socket: { path } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer((_, response) => response.end("ok"));
const io = new Server(http, { transports: ["websocket"], serveClient: false, adapter: createAdapter(publisher, subscriber) });
io.on("connection", (socket) => {
  socket.on("watch", async ({ task_id }, answer) => {
    await socket.join(task_id);
    answer({ ok: true });
  });
});
http.listen(Number(port), "127.0.0.1");
