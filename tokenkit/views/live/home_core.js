// The page at home in a file of its own, that of `tokenkit show --live`.

import { coreBackend } from "./core_backend.js";
import { start } from "./main.js";

start(coreBackend);
