import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { store } from '../api/storage';
import type { Upload } from '../api/types';

/** Sends a workbook straight to the object store, then follows its ingestion. */
export function useUpload() {
  const queries = useQueryClient();
  const [sent, setSent] = useState(0);
  const send = useMutation({
    mutationFn: async (file: File) => {
      setSent(0);
      const order = { filename: file.name, size: file.size };
      const ticket = await unwrap(api().POST('/v1/analytics/uploads', { body: order }));
      await store(ticket.url, ticket.fields, file, setSent);
      return ticket.id;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['uploads'] }),
  });
  return { send, sent };
}

/** Asked each second until the workbook is read. */
export function useIngestion(uploadId: string | undefined) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['upload', uploadId],
    enabled: uploadId !== undefined,
    queryFn: async () => {
      const path = { upload_id: uploadId ?? '' };
      const upload = await unwrap(api().GET('/v1/analytics/uploads/{upload_id}', { params: { path } }));
      if (isOver(upload)) {
        await queries.invalidateQueries({ queryKey: ['uploads'] });
        await queries.invalidateQueries({ queryKey: ['datasets'] });
      }
      return upload;
    },
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 1000),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const isOver = (upload: Upload): boolean => upload.state === 'done' || upload.state === 'failed';
