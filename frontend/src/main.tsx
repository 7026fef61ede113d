import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { findApiAddress } from './api/address';
import { queries } from './api/queries';
import { router } from './router';
import { restoreSession } from './session/enter';
import { activate, preferredLocale } from './settings/locale';
import { applyStoredTheme } from './settings/theme';
import './styles/index.css';

async function start(root: HTMLElement): Promise<void> {
  applyStoredTheme();
  await Promise.all([activate(preferredLocale()), findApiAddress()]);
  void restoreSession();
  createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) void start(root);
