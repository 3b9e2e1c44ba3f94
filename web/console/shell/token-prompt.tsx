import {Button, Modal, PasswordInput, Stack, Text} from '@mantine/core';
import {useQueryClient} from '@tanstack/react-query';
import {useState, type FormEvent} from 'react';

import {setToken, useTokenState} from '../api/token';

// Asks for the token when the process wants one; it is kept until the tab is closed.
export function TokenPrompt() {
  const state = useTokenState();
  const client = useQueryClient();
  const [token, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setToken(token.trim());
    setText('');
    void client.resetQueries();
  };
  return (
    <Modal
      opened={state !== 'fine'}
      onClose={() => undefined}
      withCloseButton={false}
      title="This process asks for a token"
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            It is the value of <code>--admin-token</code> (or <code>TIDEMARK_ADMIN_TOKEN</code>) that the process was
            started with. It stays in this tab only.
          </Text>
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => setText(event.currentTarget.value)}
            error={state === 'wrong' ? 'The process did not accept that token' : undefined}
            autoComplete="off"
            data-autofocus
          />
          <Button type="submit" disabled={!token.trim()}>
            Go on
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
