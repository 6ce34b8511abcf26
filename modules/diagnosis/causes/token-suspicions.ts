// One line of a short list for what a token of somebody else's may be.

export const SIGNED_ELSEWHERE =
  'the token is signed for another host, port or region than the endpoint has: localhost and the port of a tunnel, an alias, AWS_REGION';

export const CHANGED =
  'the client sends something else than the token as it was made: percent-encoded, cut off, in quotes, with a line break, a password, nothing';

export const SIGNED_FOR_ANOTHER =
  'the token is signed for another user, another spelling of it, or another service';
