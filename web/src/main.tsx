import { render } from "preact";
import { App } from "./app.tsx";
import { forgetServerTime } from "./state/clock.ts";
import { live } from "./state/server.ts";
import { onWake } from "./live/wake.ts";
import "./state/finishing.ts";
import "./state/theme.ts";

onWake(forgetServerTime);
live.start();
render(<App />, document.getElementById("app") as HTMLElement);
