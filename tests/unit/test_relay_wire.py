"""What the relay says is what the library would have said, and the internals it stands on are there."""

from __future__ import annotations

import inspect
import json

import engineio
import pytest
import socketio
from engineio.async_drivers.asgi import translate_request
from socketio.packet import Packet
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from server.relay import frames
from server.relay.positions import Position
from server.relay.wire import Wire, environ_of
from tasks.contract.names import TaskKind
from tasks.contract.states import Snapshot


def decoded(frame: frames.Frame) -> Packet:
    assert frame.text[0] == "4"  # an Engine.IO message
    return Packet(encoded_packet=frame.text[1:])


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_frame_is_a_whole_message_when_it_is_read_by_a_library(size: int):
    text = "é" * (size // 2) + "x" * (size % 2)
    connection = Connection(ConnectionType.CLIENT)
    connection.receive_data(frames.Frame(text).wire)
    messages = list(connection.events())
    assert all(isinstance(message, TextMessage) for message in messages)
    assert "".join(message.data for message in messages) == text
    assert messages[-1].message_finished


def test_frame_is_encoded_once_for_all_sockets():
    frame = frames.events_frame("t", ["{}"])
    assert frame.wire is frame.wire


def test_events_frame_is_what_the_library_sends_when_it_emits():
    events = [{"seq": 1, "text": 'a "quote" and ü'}, {"seq": 2}]
    packet = decoded(frames.events_frame("t", [json.dumps(event) for event in events]))
    assert (packet.packet_type, packet.namespace, packet.id) == (2, None, None)
    assert packet.data == ["task_events", events]


def test_reset_frame_carries_the_snapshot_when_there_is_one():
    snapshot = Snapshot(task_id="t", kind=TaskKind.CHAT, text="so far")
    name, payload = decoded(frames.reset_frame("t", Position(2, 7), snapshot)).data
    assert name == "task_reset"
    assert payload == {"task_id": "t", "epoch": 2, "seq": 7, "snapshot": snapshot.model_dump(mode="json")}


def test_reset_frame_says_null_when_the_task_is_gone():
    assert decoded(frames.reset_frame('t"', Position(1, 3), None)).data == [
        "task_reset",
        {"task_id": 't"', "epoch": 1, "seq": 3, "snapshot": None},
    ]


def test_ack_frame_answers_the_packet_of_that_id_when_it_is_decoded():
    packet = decoded(frames.ack_frame(17, '{"ok":true}'))
    assert (packet.packet_type, packet.id, packet.data) == (3, 17, [{"ok": True}])


def test_library_still_hands_events_to_the_method_that_the_wire_replaces():
    replaced = inspect.signature(socketio.AsyncServer._handle_event_internal)
    assert list(replaced.parameters) == ["self", "server", "sid", "eio_sid", "data", "namespace", "id"]
    assert list(inspect.signature(Wire._handle_event_internal).parameters) == list(replaced.parameters)
    assert "self._handle_event_internal(" in inspect.getsource(socketio.AsyncServer._handle_event)
    assert list(inspect.signature(socketio.AsyncServer._trigger_event).parameters) == [
        "self",
        "event",
        "namespace",
        "args",
    ]


async def test_environ_has_what_the_library_reads_of_it_when_a_socket_connects():
    async def receive() -> dict:
        return {"type": "websocket.connect"}

    headers = [(b"connection", b"keep-alive, Upgrade"), (b"upgrade", b"websocket")]
    query = b"EIO=4&transport=websocket"
    scope = {"type": "websocket", "path": "/socket.io/", "headers": headers, "query_string": query}
    theirs = await translate_request(scope, receive, None)
    ours = await environ_of(scope, receive, None)
    assert theirs.keys() >= ours.keys()
    assert ours["asgi.scope"] is theirs["asgi.scope"] is scope
    for name in ("REQUEST_METHOD", "QUERY_STRING", "HTTP_UPGRADE", "asgi.receive", "asgi.send"):
        assert ours[name] == theirs[name]
    assert ours["HTTP_CONNECTION"] in theirs["HTTP_CONNECTION"].lower()


def test_library_still_asks_its_driver_for_the_environ():
    wire = Wire([], async_mode="asgi", transports=["websocket"])
    assert wire.eio._async["translate_request"] is environ_of
    assert "self._async['translate_request']" in inspect.getsource(engineio.AsyncServer.handle_request)


async def test_socket_is_connected_and_forgotten_without_a_room_of_its_own():
    manager = Wire([], async_mode="asgi", transports=["websocket"]).manager
    sid = await manager.connect("of the transport", "/")
    assert manager.is_connected(sid, "/")
    assert manager.eio_sid_from_sid(sid, "/") == "of the transport"
    assert list(manager.rooms["/"]) == [None]
    await manager.disconnect(sid, "/")
    assert not manager.is_connected(sid, "/")
    assert not manager.rooms
