"""Work for the workers. The rows hold the state; a task only says: look again."""

from celery import shared_task

from wetube.core.later import after_commit
from wetube.video import encoding, pipeline, progress, remote_pieces
from wetube.video.models import Video

SWEEP_SECONDS = 15
REMOTE_SECONDS = 5


@shared_task
def advance_video(*, video_id: int) -> None:
    if pipeline.advance(video_id):
        after_commit(advance_video, video_id=video_id)
        remote_pieces.offer_at_once()
    for _piece in range(pipeline.waiting_pieces(video_id)):
        after_commit(encode_next_piece)


@shared_task
def encode_next_piece() -> None:
    """Encode one waiting piece of any film; ask again while there was one."""
    done = encoding.encode_next()
    if done is not None:
        after_commit(advance_video, video_id=done)
        after_commit(encode_next_piece)


@shared_task
def resume_stalled_videos() -> None:
    """Take up what a dead worker, a lost message or a broker that was away left lying."""
    for video_id in pipeline.stalled():
        after_commit(advance_video, video_id=video_id)
    if encoding.is_waiting():
        encode_next_piece.apply_async(expires=SWEEP_SECONDS)


@shared_task
def mind_remote_pieces() -> None:
    """Offer pieces to nodes, show how far those are, and nudge us to judge or take over."""
    remote_pieces.clear()
    remote_pieces.offer()
    for video in Video.objects.filter(pk__in=remote_pieces.follow()):
        progress.tell(video)
    if encoding.is_waiting():
        encode_next_piece.apply_async(expires=REMOTE_SECONDS)
