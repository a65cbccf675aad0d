"""Errors that a person may read: a stable code, its data, and what, why and what next in two languages."""

from sekisho.kernel.texts import Text


class SekishoError(Exception):
    """The base of all errors of the product that are somebody's to mend.

    `code` is stable (programs may rely on it); `text` says what, why and what next; `status` is the HTTP status
    that the doors answer with.
    """

    code = "error"
    status = 400
    text = Text("処理できませんでした。", "The request could not be carried out.")

    def __init__(self, text: Text | None = None, /, **data: object) -> None:
        self.data = data
        self.text = (text or type(self).text).format(**data)
        super().__init__(self.text.en)


class Refused(SekishoError):
    """The person may not do this."""

    code = "refused"
    status = 403
    text = Text(
        "この操作を行う権限がありません。必要な役割: {roles}。任命の登録を確認してください。",
        "You may not do this. It takes the role: {roles}. Check the register of appointments.",
    )


class NotFound(SekishoError):
    """There is no such thing, or none that this person may see."""

    code = "not_found"
    status = 404
    text = Text("{what} は見つかりません。", "{what} was not found.")


class Conflict(SekishoError):
    """The record changed since it was read, or is in a state that does not allow the act."""

    code = "conflict"
    status = 409
    text = Text(
        "ほかの人が先に変更しました。最新の内容を読み直してから、もう一度行ってください。",
        "Somebody else changed it first. Read it again, then repeat your change.",
    )


class Invalid(SekishoError):
    """Values that the rule or the register does not allow. `problems` maps a field's name to what is wrong with it.

    The key `""` holds what concerns the record as a whole.
    """

    code = "invalid"
    status = 422
    text = Text("入力内容に誤りがあります。{summary}", "The values are not acceptable. {summary}")

    def __init__(self, problems: dict[str, list[Text]], **data: object) -> None:
        self.problems = problems
        lines = [(field, problem) for field, found in problems.items() for problem in found]
        summary = Text(
            " / ".join(f"{field}: {p.ja}" if field else p.ja for field, p in lines),
            " / ".join(f"{field}: {p.en}" if field else p.en for field, p in lines),
        )
        super().__init__(summary=summary, **data)
