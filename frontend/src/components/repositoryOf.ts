/** The name of an image without its tag; the last colon may be of a port, as a tag holds no slash. */
export const repositoryOf = (name: string) => name.replace(/:[^:/]*$/, "");
