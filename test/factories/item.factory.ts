import type { Item } from '../support/api.js';
import type { TestApp } from '../support/app.js';

let count = 0;

/** The body of a valid creation. */
export function newItem(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { title: `Brass sextant ${++count}`, price: '19.99', ...overrides };
}

/** An item that its owner has created through the API. */
export async function createItem(
  app: TestApp,
  owner: { readonly token: string },
  overrides: Record<string, unknown> = {},
): Promise<Item> {
  const { status, body, text } = await app.client.as(owner).post<Item>('/api/v1/items', newItem(overrides));
  if (status !== 201) throw new Error(`The item was not created: ${text}`);
  return body;
}
