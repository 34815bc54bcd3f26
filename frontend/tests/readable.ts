/** A body that is a text, as the browser decodes it. */
export function readable(text: string) {
  const pieces = [text];
  const read = async () => ({ value: pieces[0], done: pieces.shift() === undefined });
  return { pipeThrough: () => ({ getReader: () => ({ read, cancel: async () => {} }) }) };
}

// The browser that is pretended has none.
Object.assign(globalThis, { TextDecoderStream: class {} });
