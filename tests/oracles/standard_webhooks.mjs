// standardwebhooks, the reference library for receivers.
// Reads [{secret, headers, body}, …] from standard input, writes for each the type of what was verified, or null.
import { Webhook } from 'standardwebhooks';
import { text } from 'node:stream/consumers';

const told = JSON.parse(await text(process.stdin));

function verified({ secret, headers, body }) {
  try {
    return new Webhook(secret).verify(body, headers).type;
  } catch (error) {
    if (error.constructor.name !== 'WebhookVerificationError') throw error;
    return null;
  }
}

process.stdout.write(JSON.stringify(told.deliveries.map(verified)));
