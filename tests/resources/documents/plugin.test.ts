import { describe, expect, test } from '@jest/globals';
import { content, type DocumentSpec } from '../../../resources/documents/plugin.ts';

const script = '#!/usr/bin/env bash\nroot=${SSM_Root:-/}\necho "{}"\n';

function documentOf(parameters: NonNullable<DocumentSpec['parameters']>) {
  return content('thaw', { description: 'Thaws.', parameters }, script);
}

describe('a document of a script', () => {
  const document = documentOf({
    Token: { description: 'Which.', allowedPattern: '^[A-Za-z0-9-]{1,64}$' },
    Root: { description: 'Where.', default: '/', allowedPattern: '^/[A-Za-z0-9._/-]*$' },
  });

  test('hands parameters over as environment variables', () => {
    expect(document.parameters).toMatchObject({
      Token: {
        type: 'String',
        description: 'Which.',
        allowedPattern: '^[A-Za-z0-9-]{1,64}$',
        interpolationType: 'ENV_VAR',
      },
      Root: { default: '/' },
    });
  });

  test('keeps the script as it is, below what sets the variables for old agents', () => {
    expect(document.mainSteps[0]?.inputs.runCommand).toEqual([
      '#!/usr/bin/env bash',
      '[ -n "${SSM_Token+x}" ] || export SSM_Token="{{ Token }}"',
      '[ -n "${SSM_Root+x}" ] || export SSM_Root="{{ Root }}"',
      'root=${SSM_Root:-/}',
      'echo "{}"',
    ]);
  });

  test('runs on Linux only, and as long as the command says', () => {
    expect(document.mainSteps).toMatchObject([
      {
        action: 'aws:runShellScript',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: '{{ executionTimeout }}' },
      },
    ]);
  });
});

describe('a pattern that would let shell syntax through is refused', () => {
  test.each([
    undefined,
    '[a-z]*',
    '^.*$',
    '^[^x]*$',
    '^[!-z]*$',
    '^\\S*$',
    '^a"b$',
    '^[a-z`]$',
    '^[a-z]$|x',
    '^a|b$',
    '^(a|b)|c$',
  ])('%s', (allowedPattern) => {
    expect(() => documentOf({ P: { description: '', allowedPattern } })).toThrow(
      'thaw, parameter P: allowedPattern must',
    );
  });
});
