"""Commands on requests, one mechanism: kinds differ by the profile, and in what an approval does (`effects`)."""

from __future__ import annotations

from app.requests import schemas
from app.requests.asking import ask, ask_extension, ask_return, withdraw
from app.requests.deciding import answer, decide, record_answer, vote
from app.requests.suspension import resume

COMMANDS = {
    "request.return": (schemas.AskReturn, ask_return),
    "request.extend": (schemas.AskExtension, ask_extension),
    "request.ask": (schemas.Ask, ask),
    "request.withdraw": (schemas.Withdraw, withdraw),
    "request.decide": (schemas.Decide, decide),
    "request.answer": (schemas.Answer, answer),
    "request.vote": (schemas.Vote, vote),
    "request.record_answer": (schemas.RecordAnswer, record_answer),
    "ticket.resume": (schemas.Resume, resume),
}
