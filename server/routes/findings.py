"""What people decide about findings."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_headers, document_request, document_response

from server.answers import json_response
from server.incoming import asking_owner, expected_version, read_body
from server.parts import parts
from server.schemas.documents import JudgeFinding
from server.schemas.requests import VersionHeaders
from tasks.contract.errors import NotFound
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
