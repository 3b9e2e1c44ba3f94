#!/usr/bin/python3
"""Prints every user of the shop once it is made: a group of its own on the topic user_created.

usage: consumer.py [GROUP [CONSUMER]]     (REDIS_URL: where the topics are; redis://127.0.0.1:6379)
Killed and started again with the same names it misses nothing: what it had not acknowledged comes first. What it printed
just before a kill it may print again.
"""
import os
import signal
import sys
import time

import redis

TOPIC = "user_created"
BLOCK_MS = 2000
COUNT = 50


def handle(user):
    print(f"python: {user['name']} ({user['job']}) has the id {user['id']}", flush=True)


def create_group(server, group):
    try:
        # "0": from the topic's beginning. The topic is made if nobody has published yet.
        server.xgroup_create(TOPIC, group, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def consume(server, group, consumer, stopped):
    create_group(server, group)
    after = "0"  # First what this consumer was given and did not acknowledge, then ">": what nobody was given.
    while not stopped():
        answer = server.xreadgroup(group, consumer, {TOPIC: after}, count=COUNT, block=BLOCK_MS)
        entries = answer[0][1] if answer else []
        for id, event in entries:
            if event:  # An entry that retention has removed meanwhile has no fields any more.
                handle(event)
            server.xack(TOPIC, group, id)
        if not entries:
            after = ">"
        elif after != ">":
            after = entries[-1][0]


def main():
    group, consumer = (sys.argv[1:] + ["python", "python-1"][len(sys.argv) - 1:])[:2]
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    server = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True)
    while not ended:
        try:
            consume(server, group, consumer, lambda: ended)
        except redis.ConnectionError as error:
            print(f"python: {error}; trying again", file=sys.stderr, flush=True)
            time.sleep(0.5)


if __name__ == "__main__":
    main()
