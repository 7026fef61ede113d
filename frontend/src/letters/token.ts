import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

const tokenIn = (fragment: string): string => new URLSearchParams(fragment).get('token') ?? '';

/** The token of a letter's link. It is taken out of the address bar: neither history nor a shared link should keep it. */
export function useLetterToken(): string {
  const fragment = useLocation({ select: ({ hash }) => hash });
  const navigate = useNavigate();
  const [token, setToken] = useState(() => tokenIn(fragment));
  useEffect(() => {
    const given = tokenIn(fragment);
    if (!given) return;
    setToken(given);
    void navigate({ to: '.', hash: '', replace: true });
  }, [fragment, navigate]);
  return token;
}
