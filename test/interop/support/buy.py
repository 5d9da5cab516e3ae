"""Buys one thing with l402-requests and tells about it in one line of JSON.

usage: buy.py TIMES METHOD URL LND_URL MACAROON_FILE
"""

import json
import sys
from pathlib import Path

import httpx
from l402_requests import L402Client, WalletBase
from l402_requests.bolt11 import extract_amount_sats


class LndRestWallet(WalletBase):
    """Pays through LND's REST.

    The package's own LND wallet takes the preimage for base64, but LND writes it in hex.
    """

    def __init__(self, url: str, macaroon_hex: str):
        self.url = url
        self.headers = {"Grpc-Metadata-Macaroon": macaroon_hex}
        self.paid_sats: list[int | None] = []

    async def pay_invoice(self, bolt11: str) -> str:
        self.paid_sats.append(extract_amount_sats(bolt11))
        order = {"payment_request": bolt11, "fee_limit_msat": "10000", "timeout_seconds": 20, "no_inflight_updates": True}
        async with httpx.AsyncClient(headers=self.headers, timeout=30) as client:
            answer = await client.post(f"{self.url}/v2/router/send", json=order)
        last = json.loads(answer.text.strip().splitlines()[-1])
        if last.get("result", {}).get("status") != "SUCCEEDED":
            raise RuntimeError(f"not paid: {answer.text}")
        return last["result"]["payment_preimage"]


def main() -> None:
    times, method, url, lnd_url, macaroon_file = sys.argv[1:]
    wallet = LndRestWallet(lnd_url, Path(macaroon_file).read_text().strip())
    client = L402Client(wallet=wallet)
    answers = [client.request(method, url) for _ in range(int(times))]
    report = {
        "statuses": [answer.status_code for answer in answers],
        "bodies": [answer.text for answer in answers],
        "outcomes": [answer.headers.get("x-payment-outcome") for answer in answers],
        "paidSats": wallet.paid_sats,
        "spentSats": client.spending_log.total_spent(),
    }
    print(json.dumps(report))


main()
