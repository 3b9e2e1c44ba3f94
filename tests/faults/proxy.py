"""A TCP proxy between a client and a server that can delay what passes, and cut connections at any byte."""
import asyncio
import random
import threading

CHUNK = 16 * 1024


class Proxy:
    """Listens on a free loopback port, on a thread of its own. All methods from any thread."""

    def __init__(self, target_port, seed=0):
        self.target_port, self.chance = target_port, random.Random(seed)
        self.delay_seconds = 0.0
        self.connections = set()
        self.cuts = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        started = threading.Event()
        self.loop.call_soon(started.set)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread.start()
        started.wait()
        return self

    def __exit__(self, *_):
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def cut(self):
        """Breaks every connection at once, whatever is under way in either direction."""
        def abort():
            for writer in list(self.connections):
                writer.transport.abort()
                self.cuts += 1
        self.loop.call_soon_threadsafe(abort)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_writer}
        self.connections |= both
        await asyncio.gather(self._pump(reader, to_writer), self._pump(to_reader, writer))
        self.connections -= both

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(self.chance.randint(1, CHUNK)):
                if self.delay_seconds:
                    await asyncio.sleep(self.chance.random() * 2 * self.delay_seconds)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.transport.abort()
