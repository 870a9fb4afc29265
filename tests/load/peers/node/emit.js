// Publishes one event as another process would: `node emit.js STORE_SOCKET TASK_ID EVENT_JSON`.
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";

const [path, taskId, event] = process.argv.slice(2);
const client = createClient({ socket: { path } });
await client.connect();
new Emitter(client).to(taskId).emit("task_events", [JSON.parse(event)]);
await client.close();
