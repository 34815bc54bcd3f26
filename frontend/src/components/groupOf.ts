/** The owner, where that is a group; empty for people and services. */
export const groupOf = (owner: string) => (owner.startsWith("group:") ? owner : "");
