"""What people decide about findings, and findings of their own."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_headers, document_request, document_response

from server.answers import Answer, json_response, no_content
from server.ids import id_from, new_id
from server.incoming import asking_owner, digest_of, expected_version, idempotency_key, read_body, seen_version
from server.own_findings import own_finding
from server.owned import document_of
from server.parts import parts
from server.schemas.base import Nothing
from server.schemas.documents import JudgeFinding, NewFinding
from server.schemas.requests import IdempotencyHeaders, SeenHeaders, VersionHeaders
from tasks.contract.errors import NotFound, NotYours
from tasks.contract.findings import Finding

blueprint = Blueprint("findings", __name__)


@blueprint.patch("/documents/<document_id>/findings/<finding_id>")
@document_headers(VersionHeaders)
@document_request(JudgeFinding)
@document_response(Finding)
async def judge_finding(document_id: str, finding_id: str) -> Response:
    """Accept or reject a finding, or open it again, if it is still the version that was seen."""
    await parts().documents.of(await asking_owner(), document_id)
    version, (judged, _) = expected_version(), await read_body(JudgeFinding)
    finding = await parts().store.set_finding(document_id, finding_id, version, judged.status, judged.replacement)
    if finding is None:
        raise NotFound
    return json_response(finding.model_dump(mode="json"), ETag=f'"{finding.version}"')


@blueprint.post("/documents/<document_id>/findings")
@document_headers(IdempotencyHeaders)
@document_request(NewFinding)
@document_response(Finding, 201)
async def make_finding(document_id: str) -> Response:
    """Make a finding of one's own. No review takes it away."""
    owner, key = await asking_owner(), idempotency_key()
    document = await document_of(parts(), owner, document_id)
    wanted, raw = await read_body(NewFinding)
    text = next((s.text for s in document.sections if s.section_id == wanted.section_id), None)
    if text is None:
        raise NotFound
    if key is None:
        return (await _keep(document_id, own_finding(new_id("f"), wanted, text))).response()
    digest, store = digest_of(raw), parts().store
    if (recorded := await store.recall_answer(owner, key, digest)) is not None:
        return Answer.from_text(recorded).response()
    # With the key the id is the same each time, so that two such requests at once make one finding.
    answer = await _keep(document_id, own_finding(id_from("f", owner, key, digest), wanted, text))
    await store.record_answer(owner, key, digest, answer.as_text())
    return answer.response()


async def _keep(document_id: str, finding: Finding) -> Answer:
    kept = await parts().store.add_finding(document_id, finding)
    if kept is None:
        raise NotFound
    return Answer(201, kept.model_dump_json(), f"/documents/{document_id}/findings/{finding.finding_id}")


@blueprint.delete("/documents/<document_id>/findings/<finding_id>")
@document_headers(SeenHeaders)
@document_response(Nothing, 204)
async def delete_finding(document_id: str, finding_id: str) -> Response:
    """Delete a finding of one's own; with If-Match only if it is still the version that was seen."""
    await parts().documents.of(await asking_owner(), document_id)
    version, store = seen_version(), parts().store
    found = [each.finding for each in await store.findings(document_id) if each.finding.finding_id == finding_id]
    if found and not found[0].is_own:
        raise NotYours("A review has found this. Reject it instead.")
    if not found or not await store.delete_finding(document_id, finding_id, version):
        raise NotFound
    return no_content()
