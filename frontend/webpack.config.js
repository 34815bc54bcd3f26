import ReactRefreshPlugin from "@pmmmwh/react-refresh-webpack-plugin";
import CompressionPlugin from "compression-webpack-plugin";
import HtmlWebpackPlugin from "html-webpack-plugin";
import path from "node:path";
import { constants } from "node:zlib";
import { Budget } from "./scripts/Budget.js";
import { devServer, service } from "./scripts/development.js";

const here = import.meta.dirname;

/** The page as the service has it, or as it is written, when it is served from here. */
export default ({ WEBPACK_SERVE: isServed = false }) => ({
  mode: isServed ? "development" : "production",
  entry: {
    first: ["notLoaded.ts", "colorModeFirst.ts"].map((file) => path.join(here, "src", file)),
    main: path.join(here, "src/main.tsx"),
  },
  output: {
    path: path.join(here, "dist"),
    clean: true,
    // Relative addresses: the service writes its prefix into the document's <base>.
    publicPath: "",
    filename: isServed ? "static/[name].js" : "static/[name].[contenthash].js",
    assetModuleFilename: "static/[name].[contenthash][ext]",
  },
  resolve: { extensions: [".tsx", ".ts", ".js"] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        include: path.join(here, "src"),
        loader: "babel-loader",
        options: isServed ? { plugins: ["react-refresh/babel"] } : {},
      },
      // Other pages show the badge: its address stays as it is.
      { test: /badge\.svg$/, type: "asset/resource", generator: { filename: "badge.svg" } },
      { test: /(?<!badge)\.svg$/, type: "asset/resource" },
    ],
  },
  optimization: {
    // The service looks for <base href="/"> as it is written.
    minimizeOptions: { html: false },
    // Changes are applied by one runtime for both entries.
    runtimeChunk: isServed ? "single" : false,
    splitChunks: {
      // With the document, its icon and what all pages need, the first page comes with eight requests.
      maxAsyncRequests: 3,
      cacheGroups: {
        // Libraries change rarely; a new version of the page leaves them in people's caches.
        libraries: { test: /node_modules/, name: "libraries", chunks: "initial" },
      },
    },
  },
  performance: false, // the budget says it
  infrastructureLogging: { level: "warn" },
  devtool: isServed ? "eval-cheap-module-source-map" : false,
  devServer,
  plugins: [
    new HtmlWebpackPlugin({
      template: path.join(here, "src/index.html"),
      templateParameters: { base: isServed ? service.pathname : "/" },
      inject: false, // the document places its scripts itself
      minify: false,
    }),
    ...(isServed ? [new ReactRefreshPlugin()] : [...compressed(), new Budget()]),
  ],
});

/** Copies beside each file for which they are worth it: the service sends the one that a browser likes best. */
function compressed() {
  const wanted = { test: /\.(css|js|svg)$/, threshold: 1_000 };
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return [
    new CompressionPlugin({ ...wanted, algorithm: "gzip", filename: "[path][base].gz" }),
    new CompressionPlugin({ ...wanted, algorithm: "brotliCompress", compressionOptions: best, filename: "[path][base].br" }),
  ];
}
