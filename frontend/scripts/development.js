/** What of the service is no page: the development server passes it on. */
const OF_THE_SERVICE = new Set(["api", "health", "login", "logout", "metrics", "oauth_callback"]);

/** Where the service is whose page is developed, with its prefix. */
export const service = new URL(`${(process.env.SERVICE || "http://127.0.0.1:10101").replace(/\/+$/, "")}/`);

/** Serve the page below the same prefix as the service does, and give the service all else, that of a hub before it, too. */
export const devServer = {
  host: "127.0.0.1",
  port: process.env.PORT || "auto",
  static: false,
  compress: false, // it would gather streams before it sends them
  hot: true,
  client: { overlay: { warnings: false } },
  devMiddleware: { publicPath: service.pathname },
  historyApiFallback: { index: service.pathname, disableDotRule: true },
  proxy: [{ context: (path) => !isOfPage(path), target: service.origin }],
  onListening: (server) => {
    const { port } = server.server.address();
    console.log(`page: http://127.0.0.1:${port}${service.pathname} shows every change, and asks ${service.href}`);
  },
};

function isOfPage(path) {
  const below = path.startsWith(service.pathname) ? path.slice(service.pathname.length) : null;
  return below !== null && !OF_THE_SERVICE.has(below.split("/", 1)[0]);
}
