import { loginAddress } from "../../components/here";

const LAST = "went-to-login-at";
const TOO_SOON = 10_000;

/** Go to where people log in and come back to this page; false when that has just been in vain. */
export function goToLogin(login: string): boolean {
  const last = Number(window.sessionStorage.getItem(LAST) ?? 0);
  if (Date.now() - last < TOO_SOON) {
    return false;
  }
  window.sessionStorage.setItem(LAST, String(Date.now()));
  window.location.replace(loginAddress(login));
  return true;
}
