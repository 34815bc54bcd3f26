/** A number as people read it. */
export const number = (count: number) => count.toLocaleString("en");

/** The same with what is counted. */
export const plural = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
