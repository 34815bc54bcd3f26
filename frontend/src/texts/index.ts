import { build } from "./build";
import { deletion } from "./deletion";
import { image } from "./image";
import { images } from "./images";
import { log } from "./log";
import { share } from "./share";
import { shell } from "./shell";

/** All that the page says, for each part of it. */
export const texts = { build, deletion, image, images, log, share, shell };
