import { imagesKey } from "./images";
import { useChanges } from "./useChanges";

/** Load what is shown of images anew as soon as one of them changes. */
export const useImageChanges = () => useChanges("image", imagesKey);
