// Drives the unmodified centrifuge client: JSON commands come in on stdin, JSON events go out on stdout, one per line.
import { createInterface } from "node:readline";
import { Centrifuge, UnauthorizedError } from "centrifuge";
import WebSocket from "ws";

const tell = (event, details = {}) => process.stdout.write(JSON.stringify({ event, ...details }) + "\n");
const subscriptions = new Map();
let client;
let tokens = [];

function open({ url, token, tokens: later = [] }) {
  tokens = later;
  client = new Centrifuge(url, {
    websocket: WebSocket,
    token,
    // The stock client asks for a token when its own ends or when the server sent it away with 3014.
    getToken: async () => {
      tell("token_asked");
      if (tokens.length === 0) throw new UnauthorizedError("no more tokens");
      return tokens.shift();
    },
    minReconnectDelay: 100,
    maxReconnectDelay: 500,
  });
  client.on("connected", (context) => tell("connected", { client: context.client }));
  client.on("connecting", (context) => tell("connecting", { code: context.code, reason: context.reason }));
  client.on("disconnected", (context) => tell("disconnected", { code: context.code, reason: context.reason }));
  client.on("error", (context) => tell("error", { code: context.error?.code, message: context.error?.message }));
  client.connect();
}

function subscribe({ channel, stateful = false, since = undefined }) {
  const options = since ? { since } : {};
  if (stateful) {
    options.getState = async () => {
      tell("state_asked", { channel });
      return { offset: 0, epoch: "" };
    };
  }
  const subscription = client.newSubscription(channel, options);
  subscriptions.set(channel, subscription);
  subscription.on("publication", (context) => tell("publication", { channel, offset: context.offset, data: context.data }));
  subscription.on("subscribed", (context) =>
    tell("subscribed", {
      channel,
      recovered: context.recovered,
      wasRecovering: context.wasRecovering,
      position: context.streamPosition,
    }),
  );
  subscription.on("subscribing", (context) => tell("subscribing", { channel, code: context.code }));
  subscription.on("unsubscribed", (context) => tell("unsubscribed", { channel, code: context.code }));
  subscription.subscribe();
}

async function ask(call) {
  try {
    tell("answer", { result: await call() });
  } catch (error) {
    tell("answer", { code: error.code });
  }
}

const commands = {
  open,
  subscribe,
  unsubscribe: ({ channel }) => subscriptions.get(channel).unsubscribe(),
  history: ({ channel }) => ask(() => subscriptions.get(channel).history({ limit: 0 })),
  publish: ({ channel }) => ask(() => subscriptions.get(channel).publish({})),
  presence_stats: ({ channel }) => ask(() => subscriptions.get(channel).presenceStats()),
  rpc: ({ method }) => ask(() => client.rpc(method, {})),
  close: () => {
    client?.disconnect();
    process.exit(0);
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { command, ...details } = JSON.parse(line);
  commands[command](details);
});
process.stdin.on("end", () => process.exit(0));
