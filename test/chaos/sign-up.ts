const password = 'Quiet-Harbour-47';

/** Registers somebody new. @returns the header that tells who it is */
export async function signUp(url: string): Promise<{ authorization: string }> {
  const username = `user${Date.now()}`;
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  await post('register', { username, email: `${username}@example.com`, password });
  const { accessToken } = (await post('login', { username, password })) as { accessToken: string };
  return { authorization: `Bearer ${accessToken}` };
}
