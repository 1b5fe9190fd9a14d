from __future__ import annotations

import json

from gateway.demo import webhooks


def test_every_message_holds_people_in_many_places() -> None:
    for event, payload in webhooks.messages():
        text = json.dumps(payload, ensure_ascii=False)
        assert sum(text.count(person.login) for person in webhooks.PEOPLE) > 50, event


def test_everyone_is_in_them_by_name_mail_and_number() -> None:
    text = json.dumps([payload for _, payload in webhooks.messages()], ensure_ascii=False)
    for value in webhooks.personal():
        assert value in text
