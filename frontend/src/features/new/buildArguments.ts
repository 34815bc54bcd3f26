export interface BuildArguments {
  values: Record<string, string>;
  /** The first line that is none; empty when all are. */
  wrong: string;
}

const ARGUMENT = /^([A-Za-z_]\w*)=(.*)$/;

/** Read values for a Dockerfile's ARG lines, `NAME=value`, one a line. */
export function readBuildArguments(text: string): BuildArguments {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const found = lines.map((line) => ARGUMENT.exec(line));
  return {
    values: Object.fromEntries(found.filter((each) => each !== null).map(([, name, value]) => [name!, value!])),
    wrong: lines[found.indexOf(null)] ?? "",
  };
}
