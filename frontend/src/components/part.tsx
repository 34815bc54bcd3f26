import { type ComponentType, type ReactNode, useEffect, useState } from "react";

/**
 * A component whose code is loaded when it is first shown, or before. React's own `lazy` shows what stands for it for 300 ms
 * at least, though the code is mostly there within a few.
 */
export function part<Props extends object>(load: () => Promise<ComponentType<Props>>, waiting: ReactNode = null) {
  let ready: ComponentType<Props> | undefined;
  const preload = async () => (ready ??= await load());

  function Part(props: Props) {
    const [Loaded, setLoaded] = useState(() => ready);
    const [error, setError] = useState<Error>();
    useEffect(() => {
      if (!Loaded) {
        preload().then((component) => setLoaded(() => component), setError);
      }
    }, [Loaded]);
    if (error) {
      throw error;
    }
    return Loaded ? <Loaded {...props} /> : waiting;
  }

  return Object.assign(Part, { preload });
}
