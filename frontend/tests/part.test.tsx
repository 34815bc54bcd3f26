import { expect, test } from "@jest/globals";
import { render, screen } from "@testing-library/react";
import { Component, type ReactNode } from "react";
import { part } from "../src/components/part";

const Hello = ({ name }: { name: string }) => <p>Hello {name}</p>;

class Caught extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <p>{this.state.error.message}</p> : this.props.children;
  }
}

test("a part is loaded once, when it is first shown", async () => {
  let loads = 0;
  const Part = part(async () => {
    loads += 1;
    return Hello;
  }, <p>Wait</p>);
  expect(loads).toBe(0);
  const { rerender } = render(<Part name="Ada" />);
  expect(screen.getByText("Wait")).toBeVisible();

  expect(await screen.findByText("Hello Ada")).toBeVisible();
  rerender(<Part key="another" name="Carl" />);

  expect(screen.getByText("Hello Carl")).toBeVisible();
  expect(screen.queryByText("Wait")).toBeNull();
  expect(loads).toBe(1);
});

test("a part that was loaded before is there at once", async () => {
  const Part = part(async () => Hello, <p>Wait</p>);
  await Part.preload();

  render(<Part name="Ada" />);

  expect(screen.getByText("Hello Ada")).toBeVisible();
});

test("a part that does not come fails as if it had failed itself, and is tried again by who shows it again", async () => {
  const answers = [Promise.reject(new Error("It is gone")), Promise.resolve(Hello)];
  const Part = part(() => answers.shift()!);
  const shown = render(<Caught><Part name="Ada" /></Caught>, { onCaughtError: () => undefined });
  expect(await screen.findByText("It is gone")).toBeVisible();

  shown.rerender(<Caught key="again"><Part name="Ada" /></Caught>);

  expect(await screen.findByText("Hello Ada")).toBeVisible();
});
