// The page at home on a local server, that of `tokenkit serve`.

import { start } from "./main.js";
import { serverBackend } from "./server_backend.js";

start(serverBackend);
