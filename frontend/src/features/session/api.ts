import { get, post } from "../../api/client";
import type { Me } from "../../api/types";

export const fetchMe = () => get<Me>("api/v1/me");

/** Change a token for a cookie, so that the token is kept nowhere in the browser. */
export const signIn = (token: string) => post<unknown>("login", { token });
