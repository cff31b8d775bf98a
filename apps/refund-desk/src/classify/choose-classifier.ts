// Decides who reads the tickets: the rules, unless the environment names an endpoint.
import { DeskError } from '../desk-error.js';
import type { Classifier } from './classification.js';
import type { ModelEndpoint } from './model.js';
import { classifyByRules } from './rules.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The endpoint in the environment, if any.
 *
 * Only OPENAI_BASE_URL turns it on: a key alone lies in many a shell, and must not send customers' mail anywhere.
 *
 * @throws DeskError when the address has no model to go with it, or is no address.
 */
export function endpointOf(env: Environment): ModelEndpoint | undefined {
  const baseURL = env['OPENAI_BASE_URL'];
  if (baseURL === undefined || baseURL === '') return undefined;
  if (!URL.canParse(baseURL))
    throw new DeskError(
      `OPENAI_BASE_URL is "${baseURL}", which is no address. Give one such as http://localhost:11434/v1, or unset it.`,
    );
  const model = env['OPENAI_MODEL'];
  if (model === undefined || model === '')
    throw new DeskError('OPENAI_BASE_URL is set, but OPENAI_MODEL is not. Name the model to ask, or unset both.');
  // Servers on one's own machine mostly want no key; the client wants some text.
  return { baseURL, model, apiKey: env['OPENAI_API_KEY'] || 'none' };
}

/** The client library is loaded only when it is needed: a worker that starts often should start fast. */
export async function chooseClassifier(env: Environment): Promise<Classifier> {
  const endpoint = endpointOf(env);
  if (endpoint === undefined) return async (ticket) => classifyByRules(ticket);
  const { modelClassifier } = await import('./model.js');
  return modelClassifier(endpoint);
}
