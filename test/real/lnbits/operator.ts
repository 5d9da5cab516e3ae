import type { LnbitsInstance, LnbitsWallet } from './lnbits-instance.js';

/** Who runs the instance, and can credit a wallet out of nothing. */
export interface Operator {
  credit(wallet: LnbitsWallet, amountSat: number): Promise<void>;
}

const LOGIN = { username: 'operator', password: 'long enough for it' };

/** Makes a user, and starts the instance again with it as its super user: without a page for administrators that is how one becomes it. */
export async function becomeOperator(instance: LnbitsInstance): Promise<Operator> {
  const body = { ...LOGIN, password_repeat: LOGIN.password };
  const registered = await instance.call<{ access_token: string }>('POST', '/api/v1/auth/register', { body });
  const { id } = await instance.call<{ id: string }>('GET', '/api/v1/auth', { token: registered.access_token });
  await instance.restartWith({ SUPER_USER: id });
  const { access_token: token } = await instance.call<{ access_token: string }>('POST', '/api/v1/auth', {
    body: LOGIN,
  });
  return {
    credit: async (wallet, amountSat) => {
      await instance.call('PUT', '/users/api/v1/balance', { token, body: { id: wallet.id, amount: amountSat } });
    },
  };
}
