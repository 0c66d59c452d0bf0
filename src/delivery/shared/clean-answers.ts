import type { PublishRedactor } from '../../core/redaction/redactor.ts';
import type { HttpClient } from '../../io/http/http-client.ts';

/**
 * A client whose answers hold no secret: some receivers say back what they were sent. It is taken out before anybody
 * shortens or cleans the text, for what is left of a value then would not be known as one.
 */
export function cleanAnswers(http: HttpClient, redactor: PublishRedactor): HttpClient {
  return {
    async send(request) {
      const answer = await http.send(request);
      const text = answer.body.toString('utf8');
      const clean = redactor.text(text);
      return clean === text ? answer : { ...answer, body: Buffer.from(clean, 'utf8') };
    },
    close: () => http.close(),
  };
}
