import { Fn, Lazy, Token } from 'cdktf';
import { isKnownLater } from '../../../modules/names/later';

test('what CDKTF calls unresolved is known later, and nothing else is', () => {
  const texts = [
    '',
    'arn:aws:iam::111111111111:role/jane',
    '${aws:username}',
    '${data.aws_iam_role.jane.arn}',
    '$${TfToken',
    Token.asString({ some: 'value' }),
    `arn:${Lazy.stringValue({ produce: () => 'aws' })}:iam`,
    Fn.join('', ['a', Token.asString(['b'])]),
  ];
  for (const text of texts) expect([text, isKnownLater(text)]).toEqual([text, Token.isUnresolved(text)]);
  expect(texts.filter(isKnownLater)).toHaveLength(3);
});
