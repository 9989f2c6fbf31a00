"""Bob's order, placed, changed and paid by a JSON-RPC client that shares no code with the server.

Usage: bob.py ws://HOST:PORT/ws. Needs the websockets package, 10 or newer. Prints one JSON object.
"""

import asyncio
import json
import sys

import websockets


async def main(url):
    async with websockets.connect(url, subprotocols=["orders.v1.json"]) as socket:
        told = []
        number = 0

        async def call(method, **params):
            nonlocal number
            number += 1
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            await socket.send(json.dumps(request))
            while True:
                message = json.loads(await socket.recv())
                if message.get("id") != number:
                    told.append(message)
                elif "error" in message:
                    return {"error": message["error"]}
                else:
                    return message["result"]

        line = {"sku": "widget", "quantity": 5, "unitPrice": 1000}
        await call("views.subscribe")
        receipts = [
            await call(
                "order.new", orderId="bob-1", customerId="bob", currency="USD", lines=[line]
            ),
            await call("order.modify", orderId="bob-1", lines=[{"sku": "widget", "quantity": 6}]),
            await call("order.pay", orderId="bob-1", paymentId="payment-1", amount=6000),
        ]
        refused = await call("order.pay", orderId="bob-1", paymentId="payment-2", amount=1)
        view = await call("order.get", orderId="bob-1")
        history = await call("order.history", orderId="bob-1")
        # The view of the last command comes after its receipt, perhaps after everything above.
        while not any(m["params"].get("eventId") == view["eventId"] for m in told):
            told.append(json.loads(await socket.recv()))
        result = {
            "subprotocol": socket.subprotocol,
            "receipts": receipts,
            "refused": refused,
            "view": view,
            "history": history,
            "told": told,
        }
        print(json.dumps(result))


asyncio.run(main(sys.argv[1]))
