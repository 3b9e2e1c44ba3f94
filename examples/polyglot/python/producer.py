#!/usr/bin/python3
"""Adds a user to the shop by writing an event: no service is called, nothing is known of Tidemark.

usage: producer.py NAME [PHONE [JOB [ADDRESS]]]     (REDIS_URL: where the topics are; redis://127.0.0.1:6379)
Prints the user's id.
"""
import os
import sys
import uuid

import redis


def main():
    if not 2 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    name, phone, job, address = (sys.argv[1:] + ["555", "Cook", "1 Road"][len(sys.argv) - 2:])
    server = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True)
    user = {"id": uuid.uuid4().hex, "name": name, "phone": phone, "job": job, "address": address}
    # The members of the event's struct, flat. Sent again after an error, the same id makes no second card.
    server.xadd("user_created", user)
    print(user["id"])


if __name__ == "__main__":
    main()
