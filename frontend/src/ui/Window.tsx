import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

type Props = {
  label: string;
  /** Without it there is no way out but what stands inside. */
  onClose?: () => void;
  children: ReactNode;
};

/** A dialog over the page. */
export function Window({ label, onClose, children }: Props) {
  return (
    <ModalOverlay
      isOpen
      isDismissable={onClose !== undefined}
      isKeyboardDismissDisabled={onClose === undefined}
      onOpenChange={(open) => {
        if (!open) onClose?.();
      }}
      className="fixed inset-0 z-30 grid place-items-center overflow-y-auto bg-sunken/80 p-4"
    >
      <Modal className="w-full max-w-md rounded-sheet border border-line bg-sheet p-6 shadow-[0_12px_40px_var(--shadow)]">
        <Dialog aria-label={label} className="outline-none">
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
